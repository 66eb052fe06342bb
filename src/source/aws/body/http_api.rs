//! HTTP and WebSocket APIs, their stages, routes, integrations and domains. Descriptions, templates and tags are left out.

use aws_sdk_apigatewayv2::types::{
    Api, ApiMapping, AuthorizationType, ConnectionType, Cors, DomainName, DomainNameConfiguration, DomainNameStatus,
    EndpointType, Integration, IntegrationType, IpAddressType, MutualTlsAuthentication, ProtocolType, Route,
    RoutingMode, SecurityPolicy, Stage,
};
use serde_json::{Map, Value};

use super::{Body, bodies, words};
use crate::source::aws::export::address;

bodies! {
    Api {
        api_id => "ApiId",
        name => "Name",
        protocol_type => "ProtocolType",
        api_endpoint => "ApiEndpoint",
        api_gateway_managed => "ApiGatewayManaged",
        api_key_selection_expression => "ApiKeySelectionExpression",
        cors_configuration => "CorsConfiguration",
        created_date => "CreatedDate",
        disable_execute_api_endpoint => "DisableExecuteApiEndpoint",
        ip_address_type => "IpAddressType",
        route_selection_expression => "RouteSelectionExpression",
    }
    Cors {
        allow_credentials => "AllowCredentials",
        allow_headers => "AllowHeaders",
        allow_methods => "AllowMethods",
        allow_origins => "AllowOrigins",
        expose_headers => "ExposeHeaders",
        max_age => "MaxAge",
    }
    // Variables that look like credentials are redacted with the record.
    Stage {
        stage_name => "StageName",
        deployment_id => "DeploymentId",
        auto_deploy => "AutoDeploy",
        api_gateway_managed => "ApiGatewayManaged",
        client_certificate_id => "ClientCertificateId",
        stage_variables => "StageVariables",
        created_date => "CreatedDate",
        last_updated_date => "LastUpdatedDate",
    }
    Route {
        route_id => "RouteId",
        route_key => "RouteKey",
        target => "Target",
        authorization_type => "AuthorizationType",
        authorizer_id => "AuthorizerId",
        authorization_scopes => "AuthorizationScopes",
        api_key_required => "ApiKeyRequired",
        api_gateway_managed => "ApiGatewayManaged",
    }
    DomainName {
        domain_name => "DomainName",
        domain_name_arn => "DomainNameArn",
        domain_name_configurations => "DomainNameConfigurations",
        mutual_tls_authentication => "MutualTlsAuthentication",
        routing_mode => "RoutingMode",
    }
    DomainNameConfiguration {
        api_gateway_domain_name => "ApiGatewayDomainName",
        certificate_arn => "CertificateArn",
        domain_name_status => "DomainNameStatus",
        endpoint_type => "EndpointType",
        ip_address_type => "IpAddressType",
        security_policy => "SecurityPolicy",
    }
    MutualTlsAuthentication { truststore_uri => "TruststoreUri", truststore_version => "TruststoreVersion" }
    ApiMapping { api_id => "ApiId", api_mapping_id => "ApiMappingId", api_mapping_key => "ApiMappingKey", stage => "Stage" }
}

impl Body for Integration {
    fn json(&self) -> Option<Value> {
        let mut object = Map::new();
        for (key, value) in [
            ("IntegrationId", self.integration_id.field()),
            ("IntegrationType", self.integration_type.field()),
            ("IntegrationSubtype", self.integration_subtype.field()),
            ("IntegrationUri", self.integration_uri().and_then(address).field()),
            ("IntegrationMethod", self.integration_method.field()),
            ("CredentialsArn", self.credentials_arn.field()),
            ("ConnectionType", self.connection_type.field()),
            ("ConnectionId", self.connection_id.field()),
            ("PayloadFormatVersion", self.payload_format_version.field()),
            ("ApiGatewayManaged", self.api_gateway_managed.field()),
        ] {
            if let Some(value) = value {
                object.insert(key.into(), value);
            }
        }
        Some(Value::Object(object))
    }
}

words! {
    AuthorizationType, ConnectionType, DomainNameStatus, EndpointType, IntegrationType, IpAddressType, ProtocolType,
    RoutingMode, SecurityPolicy,
}
