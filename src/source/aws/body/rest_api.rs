//! REST APIs, their stages and their domains. Descriptions and tags are left out.

use aws_sdk_apigateway::types::{
    ApiKeySourceType, BasePathMapping, CanarySettings, DomainName, DomainNameStatus, EndpointAccessMode,
    EndpointConfiguration, EndpointType, IpAddressType, MutualTlsAuthentication, RestApi, RoutingMode, SecurityPolicy,
    Stage,
};

use super::{bodies, words};

bodies! {
    RestApi {
        id => "id",
        name => "name",
        created_date => "createdDate",
        api_key_source => "apiKeySource",
        endpoint_configuration => "endpointConfiguration",
        policy => "policy",
        disable_execute_api_endpoint => "disableExecuteApiEndpoint",
        root_resource_id => "rootResourceId",
        security_policy => "securityPolicy",
        endpoint_access_mode => "endpointAccessMode",
    }
    EndpointConfiguration {
        types => "types",
        ip_address_type => "ipAddressType",
        vpc_endpoint_ids => "vpcEndpointIds",
    }
    // Variables that look like credentials are redacted with the record.
    Stage {
        stage_name => "stageName",
        deployment_id => "deploymentId",
        client_certificate_id => "clientCertificateId",
        variables => "variables",
        canary_settings => "canarySettings",
        web_acl_arn => "webAclArn",
        created_date => "createdDate",
        last_updated_date => "lastUpdatedDate",
    }
    CanarySettings {
        percent_traffic => "percentTraffic",
        deployment_id => "deploymentId",
        stage_variable_overrides => "stageVariableOverrides",
    }
    DomainName {
        domain_name => "domainName",
        domain_name_id => "domainNameId",
        domain_name_arn => "domainNameArn",
        certificate_arn => "certificateArn",
        regional_domain_name => "regionalDomainName",
        regional_certificate_arn => "regionalCertificateArn",
        distribution_domain_name => "distributionDomainName",
        endpoint_configuration => "endpointConfiguration",
        domain_name_status => "domainNameStatus",
        security_policy => "securityPolicy",
        endpoint_access_mode => "endpointAccessMode",
        mutual_tls_authentication => "mutualTlsAuthentication",
        management_policy => "managementPolicy",
        policy => "policy",
        routing_mode => "routingMode",
    }
    MutualTlsAuthentication { truststore_uri => "truststoreUri", truststore_version => "truststoreVersion" }
    BasePathMapping { base_path => "basePath", rest_api_id => "restApiId", stage => "stage" }
}

words! {
    ApiKeySourceType, DomainNameStatus, EndpointAccessMode, EndpointType, IpAddressType, RoutingMode, SecurityPolicy,
}
